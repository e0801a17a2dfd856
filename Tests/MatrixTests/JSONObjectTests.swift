import Matrix
import Testing

@Suite struct JSONObjectTests {
    @Test func membersAreSortedWhateverTheirOrder() {
        let object: JSONObject = ["b": 2, "a": 1, "c": 3]
        #expect(object.keys == ["a", "b", "c"])
        #expect(object == ["c": 3, "b": 2, "a": 1])
    }

    @Test func ofEqualKeysTheLastCounts() {
        #expect(JSONObject([("a", 1), ("b", 2), ("a", 3)]) == ["a": 3, "b": 2])
    }

    @Test func membersAreSetAndRemoved() {
        var object: JSONObject = [:]
        for key in ["m", "z", "a", "q"] { object[key] = .string(key) }
        #expect(object.keys == ["a", "m", "q", "z"])
        object["m"] = nil
        object["nothing"] = nil
        object["z"] = 26
        #expect(object == ["a": "a", "q": "q", "z": 26])
        #expect(object["m"] == nil)
        #expect(object.contains("q"))
    }

    @Test func mergingPrefersTheOther() {
        let object: JSONObject = ["a": 1, "b": 1]
        #expect(object.merging(["b": 2, "c": 2]) == ["a": 1, "b": 2, "c": 2])
    }
}
