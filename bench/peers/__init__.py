"""What the tutor is measured against: stock programs that run in the same terminal."""
