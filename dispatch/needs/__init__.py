"""What people in the affected counties need, and by when."""
