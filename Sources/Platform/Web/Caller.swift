/// Who is behind an access token.
public struct Caller: Sendable, Hashable {
    public var userID: String
    /// Absent for an application service without a device.
    public var deviceID: String?
    public var isGuest: Bool
    public var isAdmin: Bool
    /// May read, and leave, and little more.
    public var isSuspended: Bool
    /// May log out, and nothing more.
    public var isLocked: Bool
    /// The application service whose token it is.
    public var appserviceID: String?
    /// The hash that names the token where tokens are stored; the token itself goes no further.
    public var tokenHash: String?

    public init(
        userID: String, deviceID: String?, isGuest: Bool = false, isAdmin: Bool = false, appserviceID: String? = nil,
        tokenHash: String? = nil, isSuspended: Bool = false, isLocked: Bool = false
    ) {
        self.userID = userID
        self.deviceID = deviceID
        self.isGuest = isGuest
        self.isAdmin = isAdmin
        self.appserviceID = appserviceID
        self.tokenHash = tokenHash
        self.isSuspended = isSuspended
        self.isLocked = isLocked
    }
}
