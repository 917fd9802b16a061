"""One picture of a citizen or business."""
