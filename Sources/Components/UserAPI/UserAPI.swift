// UserAPI
