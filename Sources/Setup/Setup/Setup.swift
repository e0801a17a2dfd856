// Setup
