import Matrix

/// The name of a field of a profile, which is one that we know or has a namespace.
/// [Profiles](https://spec.matrix.org/v1.19/client-server-api/#profiles)
struct ProfileField {
    let name: String

    init(_ name: String) throws {
        guard name.utf8.count <= 255 else {
            throw MatrixError(status: 400, errcode: "M_KEY_TOO_LARGE", error: "The field's name is too long")
        }
        guard name == "displayname" || name == "avatar_url" || Self.hasNamespace(name) else {
            throw MatrixError.invalidParam("Not the name of a profile field")
        }
        self.name = name
    }

    /// Refuses a value that the field does not take. A display name ends up in every room's member event.
    func check(_ value: JSON) throws {
        guard let longest = ["displayname": 1024, "avatar_url": 1000, "m.tz": 255][name] else { return }
        guard let text = value.string else { throw MatrixError.invalidParam("\(name) must be a string") }
        guard text.utf8.count <= longest else { throw MatrixError.invalidParam("\(name) is too long") }
    }

    /// [Common namespaced identifiers](https://spec.matrix.org/v1.19/appendices/#common-namespaced-identifier-grammar),
    /// with a dot at least.
    private static func hasNamespace(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count > 1
            && parts.allSatisfy { part in
                part.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ?? false
                    && part.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                            UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
            }
    }
}
