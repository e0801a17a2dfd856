/// The one error that crosses a boundary: between components, and out to clients.
/// [Standard error response](https://spec.matrix.org/v1.19/client-server-api/#standard-error-response)
public struct MatrixError: Error, Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    public var errcode: String
    /// What is wrong, for a person.
    public var error: String

    public init(status: Int, errcode: String, error: String) {
        self.status = status
        self.errcode = errcode
        self.error = error
    }
}
