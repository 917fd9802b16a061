"""From events to views: decode, identify, fold, and commit everything at once."""
