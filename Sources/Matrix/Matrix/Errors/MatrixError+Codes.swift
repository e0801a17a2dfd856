/// The [errors of the specification](https://spec.matrix.org/v1.19/client-server-api/#common-error-codes), each with its usual
/// status.
extension MatrixError {
    // What was sent.
    public static func notJSON(_ error: String = "The body is not JSON") -> Self { .init(400, "M_NOT_JSON", error) }
    public static func badJSON(_ error: String) -> Self { .init(400, "M_BAD_JSON", error) }
    public static func invalidParam(_ error: String) -> Self { .init(400, "M_INVALID_PARAM", error) }
    public static func missingParam(_ error: String) -> Self { .init(400, "M_MISSING_PARAM", error) }
    public static func tooLarge(_ error: String = "Too large") -> Self { .init(413, "M_TOO_LARGE", error) }
    public static func unrecognized(status: Int = 404) -> Self { .init(status, "M_UNRECOGNIZED", "Unrecognized request") }

    // Who is asking.
    public static func missingToken() -> Self { .init(401, "M_MISSING_TOKEN", "Missing access token") }
    public static func unknownToken(softLogout: Bool = false) -> Self {
        .init(
            status: 401, errcode: "M_UNKNOWN_TOKEN", error: "Unknown access token",
            fields: softLogout ? ["soft_logout": true] : [:]
        )
    }
    public static func unauthorized(_ error: String) -> Self { .init(401, "M_UNAUTHORIZED", error) }
    public static func forbidden(_ error: String = "Forbidden") -> Self { .init(403, "M_FORBIDDEN", error) }
    public static func guestAccessForbidden(_ error: String = "Guests may not do this") -> Self {
        .init(403, "M_GUEST_ACCESS_FORBIDDEN", error)
    }
    public static func userDeactivated(_ error: String = "This account has been deactivated") -> Self {
        .init(403, "M_USER_DEACTIVATED", error)
    }
    public static func userLocked(_ error: String = "This account is locked") -> Self {
        .init(status: 401, errcode: "M_USER_LOCKED", error: error, fields: ["soft_logout": true])
    }
    public static func userSuspended(_ error: String = "This account is suspended") -> Self {
        .init(403, "M_USER_SUSPENDED", error)
    }
    public static func limitExceeded(retryAfterMS: Int64? = nil) -> Self {
        .init(
            status: 429, errcode: "M_LIMIT_EXCEEDED", error: "Too many requests",
            fields: retryAfterMS.map { ["retry_after_ms": .integer($0)] } ?? [:]
        )
    }

    // What was asked for.
    public static func notFound(_ error: String = "Not found") -> Self { .init(404, "M_NOT_FOUND", error) }
    public static func unknown(_ error: String = "Internal server error", status: Int = 500) -> Self {
        .init(status, "M_UNKNOWN", error)
    }
    /// A part of this server that is away for now.
    public static func unavailable(_ error: String = "Not available for now") -> Self { .init(503, "M_UNKNOWN", error) }
    public static func resourceLimitExceeded(_ error: String) -> Self { .init(403, "M_RESOURCE_LIMIT_EXCEEDED", error) }
    public static func cannotOverwriteMedia(_ error: String) -> Self { .init(409, "M_CANNOT_OVERWRITE_MEDIA", error) }
    public static func notYetUploaded(_ error: String = "The content is not there yet") -> Self {
        .init(504, "M_NOT_YET_UPLOADED", error)
    }
    public static func connectionFailed(_ error: String) -> Self { .init(502, "M_CONNECTION_FAILED", error) }

    // Accounts.
    public static func userInUse(_ error: String = "The user ID is taken") -> Self { .init(400, "M_USER_IN_USE", error) }
    public static func invalidUsername(_ error: String = "The user ID is not valid") -> Self {
        .init(400, "M_INVALID_USERNAME", error)
    }
    public static func exclusive(_ error: String) -> Self { .init(400, "M_EXCLUSIVE", error) }
    public static func weakPassword(_ error: String = "The password is too weak") -> Self { .init(400, "M_WEAK_PASSWORD", error) }
    public static func threepidNotFound(_ error: String) -> Self { .init(400, "M_THREEPID_NOT_FOUND", error) }
    public static func threepidInUse(_ error: String) -> Self { .init(400, "M_THREEPID_IN_USE", error) }
    public static func threepidDenied(_ error: String) -> Self { .init(403, "M_THREEPID_DENIED", error) }
    public static func threepidAuthFailed(_ error: String) -> Self { .init(400, "M_THREEPID_AUTH_FAILED", error) }
    public static func threepidMediumNotSupported(_ error: String) -> Self {
        .init(400, "M_THREEPID_MEDIUM_NOT_SUPPORTED", error)
    }

    // Rooms.
    public static func roomInUse(_ error: String = "The room alias is taken") -> Self { .init(400, "M_ROOM_IN_USE", error) }
    public static func invalidRoomState(_ error: String) -> Self { .init(400, "M_INVALID_ROOM_STATE", error) }
    public static func badAlias(_ error: String) -> Self { .init(400, "M_BAD_ALIAS", error) }
    public static func badState(_ error: String) -> Self { .init(400, "M_BAD_STATE", error) }
    public static func unsupportedRoomVersion(_ error: String = "This room version is not supported") -> Self {
        .init(400, "M_UNSUPPORTED_ROOM_VERSION", error)
    }
    public static func incompatibleRoomVersion(_ version: String) -> Self {
        .init(
            status: 400, errcode: "M_INCOMPATIBLE_ROOM_VERSION", error: "The room's version is not supported by this server",
            fields: ["room_version": .string(version)]
        )
    }
    public static func unableToAuthoriseJoin(_ error: String) -> Self { .init(400, "M_UNABLE_TO_AUTHORISE_JOIN", error) }
    public static func unableToGrantJoin(_ error: String) -> Self { .init(400, "M_UNABLE_TO_GRANT_JOIN", error) }
    public static func cannotLeaveServerNoticeRoom(_ error: String) -> Self {
        .init(403, "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM", error)
    }
    public static func duplicateAnnotation(_ error: String) -> Self { .init(400, "M_DUPLICATE_ANNOTATION", error) }

    // Keys.
    public static func wrongRoomKeysVersion(_ error: String, current: String) -> Self {
        .init(
            status: 403, errcode: "M_WRONG_ROOM_KEYS_VERSION", error: error, fields: ["current_version": .string(current)]
        )
    }
    public static func invalidSignature(_ error: String) -> Self { .init(400, "M_INVALID_SIGNATURE", error) }

    private init(_ status: Int, _ errcode: String, _ error: String) {
        self.init(status: status, errcode: errcode, error: error)
    }
}
