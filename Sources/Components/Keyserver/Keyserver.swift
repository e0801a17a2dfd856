// Keyserver
