"""The scripts that show the learning rate at work, and what they claim."""
