"""Nothing leaks: values that went through the service are looked for, in every spelling, wherever it leaves bytes."""
