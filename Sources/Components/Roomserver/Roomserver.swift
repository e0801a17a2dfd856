// Roomserver
