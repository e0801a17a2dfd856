// SyncAPI
