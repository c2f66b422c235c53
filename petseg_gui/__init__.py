"""The application: documents, services and the window."""
