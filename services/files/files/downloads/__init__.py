"""Reading what there is: files, their thumbnails, all work of an assignment."""
