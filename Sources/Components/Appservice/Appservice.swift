// Appservice
