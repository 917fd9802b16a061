"""Stand-in departments: invented people and businesses, in the shapes real systems send."""
