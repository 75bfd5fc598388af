"""Every number of the science, measured through the public interface."""
