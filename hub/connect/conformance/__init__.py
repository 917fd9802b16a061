"""Whether a connector keeps the contract: named checks over its recorded samples, no server needed.

The same checks run as `hub connector test NAME` and in the tests of whoever wrote the connector:

    from hub.connect.conformance.pytest import conformance

    TestDogLicences = conformance(CONNECTOR, samples=Path(__file__).parent / "samples")
"""
