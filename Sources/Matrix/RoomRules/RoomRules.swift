// RoomRules
