import Matrix

/// A ``MatrixError`` as JSON: its code, its text, and its extra fields beside them.
struct ErrorBody: Encodable {
    let errcode: String
    let error: String
    init(_ error: MatrixError) {
        errcode = error.errcode
        self.error = error.error
    }
}
