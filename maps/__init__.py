"""Scene → offline Folium map; knows nothing of relief work."""
