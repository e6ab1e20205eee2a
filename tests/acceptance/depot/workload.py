"""Clerks who look parcels up and take some in; closed arrivals, 0.2 to 0.6 s of thought."""

from harness.driver import User, between, task


class Clerk(User):
    wait_time = between(0.2, 0.6)

    @task(5)
    async def look(self):
        await self.client.get("/parcels", route="GET /parcels")

    @task(10)
    async def open(self):
        number = self.random.randint(1, 500)
        answer = await self.client.get(f"/parcels/{number}", route="GET /parcels/{id}")
        if answer.ok and answer.json()["id"] != str(number):
            self.fail(answer, "another parcel")

    @task(2)
    async def take_in(self):
        await self.client.post("/parcels", route="POST /parcels", json={"grams": 5})
