"""Sentences in English and Chinese, and text from outside made safe to show. Import from its modules: the start-up counts."""
