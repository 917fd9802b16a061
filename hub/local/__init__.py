"""Everything on one machine: servers, stand-in departments, the demo."""
