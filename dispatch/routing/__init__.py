"""Roads, travel times and supply routes."""
