/// What the userapi is told by the configuration.
public struct UserAPIConfig: Sendable {
    public var serverName: String
    /// The logarithm of the rounds that hashing a password takes (`user_api.bcrypt_cost`): 4 to 31.
    public var bcryptCost: Int

    public init(serverName: String, bcryptCost: Int = 10) {
        self.serverName = serverName
        self.bcryptCost = bcryptCost
    }
}
