// InternalAPI
