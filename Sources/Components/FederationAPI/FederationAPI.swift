// FederationAPI
