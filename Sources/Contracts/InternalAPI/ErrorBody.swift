import Matrix

extension MatrixError {
    /// The error that another component answered, as ``Web/Response/error(_:)`` writes it.
    init?(status: Int, body: [UInt8]) {
        struct Wire: Decodable {
            let errcode: String
            let error: String
        }
        guard let wire = try? JSONCoder.decode(Wire.self, from: body) else { return nil }
        self.init(status: status, errcode: wire.errcode, error: wire.error)
    }
}
