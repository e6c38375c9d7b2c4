"""The dispatch proposal a coordinator sees, edits and approves."""
