"""What changes in somebody's store, pushed to their open pages."""
