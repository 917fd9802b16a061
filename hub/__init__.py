"""The civic integration hub: departmental systems in, one accountable view of each citizen out."""
