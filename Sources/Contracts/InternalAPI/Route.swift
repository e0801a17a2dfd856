import Matrix

/// Binds a ``Call`` to the method of an API which answers it.
public struct Route<API: Sendable>: Sendable {
    public let path: String
    let decode: @Sendable ([UInt8]) throws -> any Call
    /// A call of another type than the route's throws.
    let answer: @Sendable (API, any Call) async throws -> any Codable & Sendable

    public init<C: Call>(_: C.Type, _ answer: @escaping @Sendable (API, C) async throws -> C.Reply) {
        path = C.path
        decode = { try JSONCoder.decode(C.self, from: $0) }
        self.answer = { api, call in
            guard let call = call as? C else {
                throw MatrixError.unknown()
            }
            return try await answer(api, call)
        }
    }
}
