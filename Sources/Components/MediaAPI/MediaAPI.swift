// MediaAPI
