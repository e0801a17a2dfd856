// Speaking to other homeservers: comes with federation. Its target stands here so that what may import it is settled.
