// PushRules
