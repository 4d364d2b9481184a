"""What stays of a closed lecture: attendance, statistics, transcript."""
