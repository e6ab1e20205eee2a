"""Facts are read in a transaction that is closed only when the model has answered."""

import asyncio

FAMILY = "plans"
SENTENCE = "The assistant keeps its transaction open while the model thinks."
OPERATION = "POST /api/v1/assistant/ask"
RULE = "plans/idle-in-transaction"
NAMES = "POST /api/v1/assistant/ask"
OUTCOME = "fail"
MODULE = "system.assistant.routes"


def inside(module):
    from system.db import ENTER_ORGANIZATION

    async def answer(held, caller, agent, question):
        money = module.Permission.READ_FINANCE in module.GRANTED[caller.role]
        async with held.database._pool.connection() as connection, connection.transaction():
            await connection.execute(ENTER_ORGANIZATION, (str(caller.organization),))
            wanted = {"organization": caller.organization, "money": money}
            statement = module.STATEMENTS[agent.facts].sql
            row = await (await connection.execute(statement, wanted)).fetchone()
            facts = b"{}" if row is None else row[0]
            await asyncio.sleep(0.5)  # A small model answers at once; one for people does not.
            said = await held.model.answer(f"{agent.prompt}\n{facts.decode()}", question)
        shown = module.Answer(
            agent=agent.id, answer=said, model=held.model.name, facts=module.msgspec.Raw(facts)
        )
        return module.msgspec.json.encode(shown)

    module._answer = answer
