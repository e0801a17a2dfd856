/// A message of a kind that this release does not know: a newer one sent it. It is kept for a reader that does, however long
/// that takes.
public struct UnknownKind: Error, Equatable, CustomStringConvertible {
    public var type: String

    public init(_ type: Any.Type) { self.type = "\(type)" }

    public var description: String { "this release does not know such a kind of \(type)" }
}
