"""The native stack: everything Homeroom needs, as private processes under one supervisord."""
