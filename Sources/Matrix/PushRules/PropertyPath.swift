import Matrix

/// Names a property of an event, as `content.m\.relates_to.rel_type` does.
/// [Dot-separated property paths](https://spec.matrix.org/v1.19/appendices/#dot-separated-property-paths)
public struct PropertyPath: Sendable, Hashable {
    /// As it was written.
    public let text: String
    /// From the outermost to the property's own.
    public let names: [String]

    public init(_ text: String) {
        self.text = text
        var names: [String] = []
        var name = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                if scalar != "." && scalar != "\\" { name.append("\\") }
                name.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "." {
                names.append(String(name))
                name = String.UnicodeScalarView()
            } else {
                name.append(scalar)
            }
        }
        if isEscaped { name.append("\\") }
        names.append(String(name))
        self.names = names
    }

    /// The property's value, if the event has it.
    func value(in event: JSONObject) -> JSON? {
        var value = JSON.object(event)
        for name in names {
            guard let member = value.object?[name] else { return nil }
            value = member
        }
        return value
    }
}
