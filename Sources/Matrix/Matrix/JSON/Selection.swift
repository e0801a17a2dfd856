/// Which members of an object are kept, and which of theirs: what redaction, hashing and signing leave of an event.
package indirect enum Selection: Sendable {
    case everything
    case except([String])
    /// A member whose own selection is not `everything` is kept only when it is an object.
    case only([(key: String, Selection)])

    /// These members, without those.
    package func without(_ keys: [String]) -> Selection {
        switch self {
        case .everything: .except(keys)
        case .except(let others): .except(others + keys)
        case .only(let kept): .only(kept.filter { !keys.contains($0.key) })
        }
    }

    /// What is kept of the member with this key; nil: it is dropped.
    @inline(__always)
    func of(_ matches: (String) -> Bool) -> Selection? {
        switch self {
        case .everything: .everything
        case .except(let keys): keys.contains(where: matches) ? nil : .everything
        case .only(let kept): kept.first { matches($0.key) }?.1
        }
    }

    var isEverything: Bool { if case .everything = self { true } else { false } }
}

extension JSONObject {
    package func keeping(_ selection: Selection) -> JSONObject {
        if selection.isEverything { return self }
        return JSONObject(
            sorted: members.compactMap { member in
                guard let kept = selection.of({ $0.hasSameBytes(as: member.key) }) else { return nil }
                if kept.isEverything { return member }
                guard let object = member.value.object else { return nil }
                return Member(key: member.key, value: .object(object.keeping(kept)))
            }
        )
    }
}

extension JSONView {
    /// Writes a value in canonical spelling: keys sorted, no white space. Numbers that canonical JSON cannot say
    /// (room versions 1 to 5 let them pass) are written as they would be read.
    package func writeCanonical(_ index: Int, keeping selection: Selection = .everything, to writer: inout JSONWriter) {
        let node = nodes[index]
        switch node.kind {
        case .null, .true, .false: writer.bytes.append(contentsOf: text(node))
        case .integer:
            // Only -0 has a second spelling.
            if text(node).elementsEqual([UInt8(ascii: "-"), UInt8(ascii: "0")]) {
                writer.byte("0")
            } else {
                writer.bytes.append(contentsOf: text(node))
            }
        case .double: writer.double(double(index) ?? 0)
        case .string, .escapedString: writeString(index, to: &writer)
        case .array:
            writer.byte("[")
            var isFirst = true
            forEachElement(of: index) { element in
                if !isFirst { writer.byte(",") }
                isFirst = false
                writeCanonical(element, to: &writer)
            }
            writer.byte("]")
        case .object: writeObject(index, keeping: selection, to: &writer)
        }
    }

    private func writeObject(_ index: Int, keeping selection: Selection, to writer: inout JSONWriter) {
        writer.byte("{")
        var isFirst = true
        for key in distinctKeys(of: index) {
            var kept = Selection.everything
            if !selection.isEverything {
                guard let found = selection.of({ name in
                    var name = name
                    return name.withUTF8 { self.key(key, is: $0) }
                }) else { continue }
                kept = found
            }
            if !kept.isEverything, kind(key + 1) != .object { continue }
            if !isFirst { writer.byte(",") }
            isFirst = false
            writeString(key, to: &writer)
            writer.byte(":")
            writeCanonical(key + 1, keeping: kept, to: &writer)
        }
        writer.byte("}")
    }

    private func writeString(_ index: Int, to writer: inout JSONWriter) {
        let node = nodes[index]
        if node.kind == .string {
            writer.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: input[Int(node.start) - 1..<Int(node.end) + 1]))
        } else {
            writer.string(string(index))
        }
    }
}
