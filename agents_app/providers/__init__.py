"""Where answers come from: OpenAI, Gemini, any server that speaks their API, and the practice stand-in."""
