import psycopg, time, sys
from jobcenter import doctor
from jobcenter.database import Connection
def test_x(connection):
    for i in range(3):
        t=time.time(); f=doctor.examine(connection); print(time.time()-t)
    for x in f: print(x)
    assert 0
