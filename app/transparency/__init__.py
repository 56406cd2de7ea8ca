"""What this installation is and does, told from its configuration, for those whom it concerns."""
