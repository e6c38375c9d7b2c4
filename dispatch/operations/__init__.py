"""What people do in a warehouse: receive, inspect, transfer, count, write off, build kits."""
