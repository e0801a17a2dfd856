/// A self-signed certificate for localhost and 127.0.0.1, for tests alone.
enum TestCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmzCCAUGgAwIBAgIUbFrSd7ygCtVeS2nW6snouSWbz2wwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDIzNTUzNVoYDzIxMjYxMDMx
        MjM1NTM1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASuhwIw1alx6BLtwCQT3empjFuWBQ4lJ/gdeF6MeWFE0niobhrnsUpH
        s8kf6HF6jON8hK+T0CumFogo8CVQGOw8o28wbTAdBgNVHQ4EFgQU3RFgapH9a/kI
        0z+0c5z9ABqPQiIwHwYDVR0jBBgwFoAU3RFgapH9a/kI0z+0c5z9ABqPQiIwDwYD
        VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
        zj0EAwIDSAAwRQIhANBOcET61dMkOjCWPATWzKyAvvsHLlo3+HPN63NxAbVuAiAN
        p/t2j/AEEJf/W7gXEHoDwNVZ0M/A/DT28+beNt80rg==
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFV/gnwXAfL09Ao2m
        Eu1E07S1yRPiVB2KBRI+f2Ye4IWhRANCAASuhwIw1alx6BLtwCQT3empjFuWBQ4l
        J/gdeF6MeWFE0niobhrnsUpHs8kf6HF6jON8hK+T0CumFogo8CVQGOw8
        -----END PRIVATE KEY-----
        """
}
